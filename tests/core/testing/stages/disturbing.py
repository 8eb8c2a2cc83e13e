"""What stages that do something besides their work have in common."""

from __future__ import annotations

from sound import Sound


class Disturbing(Sound):
    """Do something besides, before the work."""

    def run(self, context, options):
        self.disturb(context)
        return super().run(context, options)

    def disturb(self, context):
        raise NotImplementedError
