//! Connects, listens, sends and asks for a name. Says what it was told.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::{Failure, Text};
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket};

fn opens_a_socket(_: Nothing) -> Result<Text, Failure> {
    let tried = [
        ("connect", TcpStream::connect("127.0.0.1:443").map(|_| ())),
        ("listen", TcpListener::bind("127.0.0.1:0").map(|_| ())),
        ("send", UdpSocket::bind("127.0.0.1:0").map(|_| ())),
        (
            "ask for a name",
            "localhost:443".to_socket_addrs().map(|_| ()),
        ),
    ];
    Ok(Text(
        tried
            .map(|(what, result)| format!("{what}: {result:?}"))
            .join("\n"),
    ))
}

bulkhead_guests::hostile!("opens-a-socket", opens_a_socket);
