"""How a call travels: Twilio's webhooks, media streams and signatures, and the test telephone."""
