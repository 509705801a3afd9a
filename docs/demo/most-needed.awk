# Prints "COUNT NAME" of the package with most reverse dependencies, from the text of a package database given twice: the first
# reading learns who provides what, the second counts. An answer that owes nothing to the objects, to compare theirs with.

function split_names(text, names,    i, n) {
  n = split(text, names, ",")
  for (i = 1; i <= n; i++) names[i] = bare(names[i])
  return n
}

function bare(text) {
  sub(/\(.*/, "", text)
  sub(/:.*/, "", text)
  gsub(/[ \t]/, "", text)
  return text
}

# The package that the first alternative that is there stands for.
function meant(need,    parts, i, n, name) {
  n = split(need, parts, "|")
  for (i = 1; i <= n; i++) {
    name = bare(parts[i])
    if (name in known) return name
    if (name in provider) return provider[name]
  }
  return ""
}

FNR == 1 { reading++ }

/^Package: / {
  package = substr($0, 10)
  entry++
}

reading == 1 && /^Package: / { known[package] = 1 }

reading == 1 && /^Provides: / {
  n = split_names(substr($0, 11), names)
  for (i = 1; i <= n; i++) if (!(names[i] in provider)) provider[names[i]] = package
}

reading == 2 && /^(Pre-)?Depends: / {
  sub(/^[^:]*: */, "")
  n = split($0, needs, ",")
  for (i = 1; i <= n; i++) {
    name = meant(needs[i])
    if (name != "" && !((entry, name) in counted)) {
      counted[entry, name] = 1
      dependents[name]++
    }
  }
}

END {
  for (name in dependents)
    if (dependents[name] > most || (dependents[name] == most && name < best)) {
      most = dependents[name]
      best = name
    }
  print most " " best
}
