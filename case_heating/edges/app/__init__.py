"""The web app: where the business meets the model. Each page lays out what the core says; :mod:`.main` joins them."""
