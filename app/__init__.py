"""돌봄이음: one Flask application for municipalities, centres, call centres and parents."""
