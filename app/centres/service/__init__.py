"""Commands on centres: facilities, capacity, quarters, special days, what district and centre lay down."""
