package sigstore
import future.keywords
default isCompliant = false
isCompliant { every c in input.spec.containers { not c.privileged } }
