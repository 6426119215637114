"""What ``heating app`` hands to Streamlit: a folder of its own, since the script's folder is put on the path."""
