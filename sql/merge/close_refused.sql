CLOSE refused
