// What a change of the public API (release/api.txt, one line each) asks of the version number.

/** "breaking" where a line went or changed, or a member that users must write was added; "addition"; or "none". */
export function changeBetween(before, after) {
  const [old, now] = [before, after].map((report) => new Set(report.split("\n").filter(Boolean)));
  const removed = [...old].filter((line) => !now.has(line));
  const added = [...now].filter((line) => !old.has(line));
  const mustBeWritten = /^(?!readonly )[\w.]*Options\.\w+: /;
  const known = (line) => old.has(`interface ${line.slice(0, line.lastIndexOf(".", line.indexOf(":")))}`);
  if (removed.length > 0 || added.some((line) => mustBeWritten.test(line) && known(line))) return "breaking";
  return added.length > 0 ? "addition" : "none";
}

/** Whether `version` may follow `last` with this change: semver, where 0.x.y takes a breaking change in x and others in y. */
export function mayFollow(last, version, change) {
  const [from, to] = [numbers(last), numbers(version)];
  const first = to.findIndex((n, i) => n !== from[i]);
  if (first < 0 || to[first] < from[first]) return false;
  const leastFor = to[0] === 0 ? { breaking: 1, addition: 2, none: 2 } : { breaking: 0, addition: 1, none: 2 };
  return first <= leastFor[change];
}

function numbers(version) {
  return version.split("-")[0].split(".").map(Number);
}
