"""Messages between buyers and shops: what came in, what goes out, and what may be sent where."""
