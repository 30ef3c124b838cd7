"""Rows of the catalogue whose words no test looks at: a test that makes each (`recorder.py` tells), or why none is."""

from __future__ import annotations

__all__ = ["MADE_BY", "NEVER_MADE"]

MADE_BY = {
    "camera.closed": "test_rule_10_leaving_follows_a_bulb_through",
    "camera.opened_anew": "test_random_walks_keep_the_table",
    "camera.disconnecting": "test_rule_10_disconnect_follows_through_and_keeps_the_frame",
    "camera.no_live_frame": "test_no_frame_for_long_is_told_once_and_is_no_loss",
    "camera.live_view_damaged": "test_damaged_frames_are_left_out",
    "camera.unknown_body": "test_random_walks_keep_the_table",
    "exposure.nearest_speed": "test_who_times_the_exposure",
    "exposure.adopted": "test_an_owed_shot_is_awaited_and_kept",
    "exposure.held_for": "test_rule_10_a_request_during_an_exposure_is_an_abort_and_a_held_request",
    "exposure.aborted_bulb": "test_rule_10_abort_while_the_shutter_is_open_drops_the_image_by_name",
    "exposure.aborted_late": "test_rule_10_abort_after_the_shutter_closed_keeps_the_frame",
    "exposure.aborted_held": "test_rule_10_abort_takes_the_held_request_too",
    "exposure.nothing_to_abort": "test_random_walks_keep_the_table",
    "exposure.replaced": "test_random_walks_keep_the_table",
    "exposure.unsteady": "test_every_input_in_every_phase_is_legal_or_a_broken_rule",
    "exposure.too_early": "test_a_timed_exposure_of_an_earlier_life_is_never_the_answer",
    "exposure.other_clock": "test_each_rule",
    "exposure.other_length": "test_each_rule",
    "exposure.not_sent_because": "test_both_without_its_blob_is_not_busy_for_ever",
    "frames.with_raw": "test_rule_9_pairs_in_either_order",
    "frames.after_limit": "test_a_cable_that_stays_out_ends_in_words_for_the_image_too",
    "frames.no_raw_with_it": "test_every_input_in_every_phase_is_legal_or_a_broken_rule",
    "frames.not_developed": "test_a_helping_thread_that_fails_costs_no_frame",
    "frames.raw_is_at": "test_a_file_that_is_no_raw_is_kept_and_its_exposure_fails_with_the_place",
    "frames.driver_gone": "test_a_face_comes_works_and_goes_and_the_address_is_free",
    "frames.not_delivered": "test_offered_but_not_confirmed_goes_to_disk_as_a_duplicate",
    "frames.as_asked": "test_a_face_comes_works_and_goes_and_the_address_is_free",
    "frames.sent_instead": "test_no_disk_at_all_sends_a_local_frame_to_the_client",
    "frames.card_unfit": "test_bad_cards_are_dropped_with_a_note",
    "frames.because": "test_each_file_is_announced_by_what_it_is_and_confirmed",
    "frames.nobody_waits": "test_the_frame_of_an_aborted_exposure_is_declined_and_never_sent",
    "focus.not_learned": "test_no_star_is_told",
    "settings.iso_moves": "test_a_bounded_wait_and_words_that_say_what_to_do",
    "settings.refused": "test_every_input_in_every_phase_is_legal_or_a_broken_rule",
    "settings.change_failed": "test_an_iso_that_the_camera_refuses_shows_what_the_camera_has",
    "settings.nearest": "test_a_number_that_the_camera_lacks_becomes_the_nearest_and_is_told",
    "settings.no_answer": "test_an_iso_that_the_camera_refuses_shows_what_the_camera_has",
    "config.too_large": "test_nothing_in_a_file_stops_the_driver",
    "config.of_other_device": "test_nothing_in_a_file_stops_the_driver",
    "config.cut_off": "test_nothing_in_a_file_stops_the_driver",
    "config.not_kept": "test_nothing_in_a_file_stops_the_driver",
    "config.refused": "test_nothing_in_a_file_stops_the_driver",
    "simulation.connected": "test_simulation_looks_at_its_own_bus_and_is_ended_with_the_driver",
    "driver.speaks_version": "test_what_it_says_instead_of_hello",
}
"""Row to the name of a test."""

NEVER_MADE = {
    "client.read_only_values": "each property that clients may write has a handler: tests/driver/test_properties.py",
    "frames.no_use": "the driver always says why it declines a frame",
}
"""Row to the reason."""
