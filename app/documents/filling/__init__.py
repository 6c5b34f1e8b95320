"""A form filled in on the screen: what is asked, what is known, what was posted, and what of it fits."""
