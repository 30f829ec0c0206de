"""Certificates for the tests over TLS, made by openssl in a test's own folder."""
import os
import subprocess


def _openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments}: {done.stderr.decode()}")


def self_signed(path, name="localhost", address="127.0.0.1"):
    """(certificate, key): PEM files in `path`, valid for the name and the address."""
    certificate, key = os.path.join(path, f"{name}.pem"), os.path.join(path, f"{name}.key")
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "30", "-subj", f"/CN={name}", "-addext",
             f"subjectAltName=DNS:{name},IP:{address}", "-keyout", key, "-out", certificate)
    return certificate, key
