"""How far each part of the system is."""
