package sigstore
isCompliant[r] { c := input.spec.containers[_]; r := {"result": c.n > 1, "error": sprintf("%v", [c]), "warning": ""} }
