"""A certification authority for the demo, and what it signs: everybody on XMPP shows a certificate of its own (SEC-05).

A gateway's bears its domain name; a forwarder's and an agent's bear its XMPP address (RFC 6120, id-on-xmppAddr) and the infrastructure
addresses that it may say as next hop. A new authority each time; nothing of it outlives the demo.
"""

import concurrent.futures
import os

from shell import RUN_DIR, sh
from topology import ADDRESS_OF

DIRECTORY = f"{RUN_DIR}/pki"
DOMAIN = "dc1.example.net"
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
# Name of the file -> what the certificate proves.
SYSTEM_IDS = {"tor": "02aa10c00017", "hv1": "02aa10c00021", "hv2": "02aa10c00022", "srv": "02aa10c0ffee"}
NAMES = {
    "sg1": [f"DNS:sg1.{DOMAIN}"],
    "sg2": [f"DNS:sg2.{DOMAIN}"],
    # The external forwarder is a client of the gateways and a server to its hosts.
    "tor": [f"DNS:tor.{DOMAIN}", f"otherName:1.3.6.1.5.5.7.8.5;UTF8:{SYSTEM_IDS['tor']}@{DOMAIN}", f"IP:{ADDRESS_OF['tor']}"],
    "hv1": [f"otherName:1.3.6.1.5.5.7.8.5;UTF8:{SYSTEM_IDS['hv1']}@{DOMAIN}", f"IP:{ADDRESS_OF['hv1']}"],
    "hv2": [f"otherName:1.3.6.1.5.5.7.8.5;UTF8:{SYSTEM_IDS['hv2']}@{DOMAIN}", f"IP:{ADDRESS_OF['hv2']}"],
    "srv": [f"otherName:1.3.6.1.5.5.7.8.5;UTF8:{SYSTEM_IDS['srv']}@{DOMAIN}"],
}


def create():
    """Makes ca.crt, and NAME.crt and NAME.key for everybody."""
    os.makedirs(DIRECTORY, mode=0o700)
    sh("openssl", "req", "-x509", *CURVE, "-keyout", f"{DIRECTORY}/ca.key", "-out", f"{DIRECTORY}/ca.crt", "-days", "30",
       "-subj", "/CN=Dataplane demo authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(sign, NAMES))


def sign(name):
    base = f"{DIRECTORY}/{name}"
    with open(f"{base}.ext", "w") as extensions:
        extensions.write(f"subjectAltName={','.join(NAMES[name])}\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=critical,CA:FALSE\n")
    sh("openssl", "req", *CURVE, "-keyout", f"{base}.key", "-out", f"{base}.csr", "-subj", f"/CN={name}.{DOMAIN}")
    serial = f"0x1{list(NAMES).index(name):07d}"
    sh("openssl", "x509", "-req", "-in", f"{base}.csr", "-CA", f"{DIRECTORY}/ca.crt", "-CAkey", f"{DIRECTORY}/ca.key", "-set_serial", serial,
       "-days", "30", "-out", f"{base}.crt", "-extfile", f"{base}.ext")
