def named(value):
    return value
