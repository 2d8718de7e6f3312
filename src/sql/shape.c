#include "sql/shape.h"

void sql_shape_init(struct sql_shape *shape)
{
	memset(shape, 0, sizeof(*shape));
	buffer_init(&shape->key, 0);
}

void sql_shape_release(struct sql_shape *shape)
{
	buffer_release(&shape->key);
	free(shape->literals);
	sql_shape_init(shape);
}
