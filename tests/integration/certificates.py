"""Certificates for tests, made with the openssl command."""

import os


class Authority:
    """A certificate authority in a folder of a Workplace, whose user owns all keys."""

    def __init__(self, place, name="authority"):
        self.place = place
        self.key = place.path(f"{name}.key")
        self.certificate = place.path(f"{name}.crt")
        self.serial = 0
        place.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                   "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                   "-subj", f"/CN={name}", "-keyout", self.key, "-out",
                   self.certificate])

    def issue(self, name, common_name, alternative=""):
        """(certificate, key): the paths of <name>.crt and <name>.key."""
        key, request, certificate = (self.place.path(f"{name}.{ending}")
                                     for ending in ("key", "csr", "crt"))
        self.serial += 1
        self.place.run(["openssl", "req", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                        f"/CN={common_name}", "-keyout", key, "-out", request])
        extensions = self.place.write(
            f"{name}.ext", f"subjectAltName={alternative}\n" if alternative
            else "basicConstraints=CA:FALSE\n")
        self.place.run(["openssl", "x509", "-req", "-in", request, "-CA",
                        self.certificate, "-CAkey", self.key, "-set_serial",
                        self.serial, "-days", "2", "-extfile", extensions,
                        "-out", certificate])
        os.chmod(key, 0o600)
        return certificate, key


LOCAL = "DNS:localhost,IP:127.0.0.1"
