/* What must hold between the options of TLS. */
#ifndef PARALLAX_CONFIG_TLS_H
#define PARALLAX_CONFIG_TLS_H

#include "config/config.h"
#include "config/document.h"

/* Adds an error for each of the top's options that could not be obeyed. */
void config_check_listen_tls(struct document *document, const struct node *root,
			     const struct config_listen_tls *tls);
/* Likewise of a server's; section: "primary" or "shadows". */
void config_check_endpoint_tls(struct document *document,
			       const struct node *node, const char *section,
			       const struct endpoint *endpoint);

#endif
