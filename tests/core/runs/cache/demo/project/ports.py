def double(value):
    from loose import inner

    return inner.twice(value)
