/* PostgreSQL's wire codec (protocol 3.0), for the relay. See adapters/wire.h.
 */
#ifndef PARALLAX_ADAPTERS_POSTGRES_WIRE_H
#define PARALLAX_ADAPTERS_POSTGRES_WIRE_H

#include "adapters/wire.h"

extern const struct wire_ops postgres_wire;

#endif
