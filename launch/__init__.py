"""Starting Pasar: ``python -m launch run``, ``train``, ``chat``. The Makefile is its front."""
