"""What a run leaves behind so that it can go on: what stages changed, and how it is put together again."""
