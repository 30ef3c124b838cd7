/* Preloaded into indi_gphoto_ccd: its list of cameras is the one that GPHOTO_MODEL and GPHOTO_PORT name.
 *
 * The driver asks libgphoto2 for cameras on USB alone; this one is in the network. Prototypes are our own, so that no header is needed; the other
 * functions are found in the driver's own libgphoto2 when it runs. */

#include <stdlib.h>

int gp_list_reset(void *list);
int gp_list_append(void *list, const char *name, const char *value);
int gp_list_count(void *list);
int gp_camera_autodetect(void *list, void *context);

int gp_camera_autodetect(void *list, void *context)
{
    const char *model = getenv("GPHOTO_MODEL"), *port = getenv("GPHOTO_PORT");

    (void)context;
    gp_list_reset(list);
    if (model != NULL && port != NULL)
        gp_list_append(list, model, port);
    return gp_list_count(list);
}
