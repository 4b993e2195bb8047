//! The HTTP bridge, called in process and over a socket.
