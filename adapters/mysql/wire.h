/* MySQL's and MariaDB's wire codec, for the relay. See adapters/wire.h. */
#ifndef PARALLAX_ADAPTERS_MYSQL_WIRE_H
#define PARALLAX_ADAPTERS_MYSQL_WIRE_H

#include "adapters/wire.h"

extern const struct wire_ops mysql_wire;

#endif
