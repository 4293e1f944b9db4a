/* The least a WebKitGTK program can be: one window, one page. What the app's shell is held against. */
#include <webkit2/webkit2.h>

int main(int argc, char **argv) {
    gtk_init(&argc, &argv);
    if (argc != 2) return 2;
    GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    gtk_window_set_default_size(GTK_WINDOW(window), 1280, 800);
    GtkWidget *page = webkit_web_view_new();
    gtk_container_add(GTK_CONTAINER(window), page);
    webkit_web_view_load_uri(WEBKIT_WEB_VIEW(page), argv[1]);
    gtk_widget_show_all(window);
    gtk_main();
    return 0;
}
