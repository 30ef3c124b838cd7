"""How a Sony camera is driven: the capture machine, its rules, and the one worker that keeps them."""
