package sigstore
import rego.v1
f(x) := x + 1 if x > 0
isCompliant if { count([y | some y in numbers.range(1, 9); f(y) > 3]) == 7; time.now_ns() > 0; regex.match("^a", "ab") }
