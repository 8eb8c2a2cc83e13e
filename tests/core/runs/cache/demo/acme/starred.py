def starred(value):
    return value
