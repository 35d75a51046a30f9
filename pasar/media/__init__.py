"""What buyers send as pictures, films, voice notes and files: fetched from the platform, and kept with the conversation."""
