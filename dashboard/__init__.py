"""The window onto core: a multipage Streamlit app. No science and no figure code lives here."""
