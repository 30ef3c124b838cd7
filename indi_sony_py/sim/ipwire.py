"""The bytes of an answer on their way to a host over PTP/IP, and how faults spoil them. Pure.

A data phase is a StartData packet, its payload in packets of `PIECE` bytes, the last one an EndData; the response is a
packet of its own. How real bodies cut a long payload is not known: hosts must take any.
"""

from __future__ import annotations

from indi_sony_py.ptp.codes import Response
from indi_sony_py.ptp.ippacket import PacketType, Payload, Plain, StartData, encode, encode_payload_head
from indi_sony_py.ptp.ippacket import Response as ResponsePacket
from indi_sony_py.sim.transaction import Answer, Command
from indi_sony_py.sim.wire import Transfer, payload_of

__all__ = ["PIECE", "packets_of"]

PIECE = 1 << 20


def _response(code: int, transaction: int, params: tuple[int, ...] = ()) -> Transfer:
    return Transfer(encode(ResponsePacket(code, transaction, params)))


def _data(command: Command, answer: Answer) -> list[Transfer]:
    payload, claimed = payload_of(answer)
    empty = encode(Payload(command.transaction, b""))
    begin = [Transfer(empty) for fault in answer.faults if fault.kind in ("zlp-before-data", "header-alone")]
    made = [Transfer(encode(StartData(command.transaction, claimed))), *begin]
    starts = range(0, len(payload), PIECE) or (0,)
    for start in starts:
        piece = payload[start : start + PIECE]
        last = start + PIECE >= len(payload)
        made.append(Transfer(encode_payload_head(command.transaction, len(piece), last), piece))
    made[-1].done = answer.sent
    return made


def packets_of(command: Command, answer: Answer) -> list[Transfer]:
    """What goes over the command connection, in order."""
    made = [] if answer.data is None else _data(command, answer)
    made.append(_response(answer.code, command.transaction, answer.params))
    for fault in answer.faults:
        match fault.kind:
            case "zlp-before-response":
                made.insert(len(made) - 1, Transfer(encode(Plain(PacketType.PING))))
            case "stale-answer":
                old = max(0, command.transaction - 7)
                stale = (StartData(old, 8), Payload(old, bytes(8), True))
                made[:0] = [*(Transfer(encode(packet)) for packet in stale), _response(Response.OK, old)]
    return made
