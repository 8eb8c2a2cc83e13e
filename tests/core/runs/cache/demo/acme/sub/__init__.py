import acme.sub.inner
