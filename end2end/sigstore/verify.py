"""Sigstore's own verifier in Python as a second opinion: a line of JSON in for each question, a
line of JSON out for each answer. `crates/testkit/src/second_opinion.rs` says what is in them."""

import functools
import json
import sys

from sigstore import dsse
from sigstore.hashes import Hashed
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity
from sigstore_models.common.v1 import HashAlgorithm
from sigstore_models.trustroot import v1 as trustroot


@functools.cache
def verifier_of(trusted_root):
    root = trustroot.TrustedRoot.from_json(trusted_root)
    return Verifier(trusted_root=TrustedRoot(root))


def verify(question):
    """Raises where the question's bundle is not to be believed: as the command line does it."""
    verifier = verifier_of(question["trustedRoot"])
    bundle = Bundle.from_json(question["bundle"])
    digest = Hashed(
        digest=bytes.fromhex(question["digest"]), algorithm=HashAlgorithm.SHA2_256
    )
    policy = Identity(identity=question["subject"], issuer=question["issuer"])
    if bundle._dsse_envelope is None:
        verifier.verify_artifact(digest, bundle, policy)
        return
    kind, payload = verifier.verify_dsse(bundle, policy)
    if kind != dsse.Envelope._TYPE:
        raise ValueError(f"a payload of type {kind}")
    if not dsse.Statement(payload)._matches_digest(digest):
        raise ValueError("the statement is about something else")


for line in sys.stdin:
    question = json.loads(line)
    answer = {"number": question["number"], "accepts": True, "said": ""}
    # Whatever it raises on foreign bytes, it did not accept them.
    try:
        verify(question)
    except Exception as error:
        answer["accepts"] = False
        answer["said"] = f"{type(error).__name__}: {error}"
    print(json.dumps(answer), flush=True)
