"""API Gateway, Lambda, the timer, the sign-in and the page's host, in front of the real Chalice app."""
