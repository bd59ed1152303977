"use strict";
// Marks one essay by keyboard or mouse. Nothing leaves the page but the CSV file that the marker saves.
const { assignment, part, most, digest } = document.body.dataset;
const answers = [...document.querySelectorAll(".answer")].map((card) => ({
  card,
  students: JSON.parse(card.dataset.students),
  lines: [...card.querySelectorAll(".line input")],
  points: card.querySelector(".points"),
  comment: card.querySelector("textarea"),
}));
const marker = document.getElementById("marker");
const names = document.getElementById("names");
const progress = document.getElementById("status");
const counted = new Intl.NumberFormat(document.documentElement.lang).format;
const draft = `grader/${assignment}/${part}/${digest}`;
let saved = true;

function refuses(answer) {
  const points = Number(answer.points.value);
  return answer.points.value === "" ? answer.points.validity.badInput : !(points >= 0 && points <= Number(most));
}

function show() {
  for (const answer of answers) {
    answer.card.querySelector(".state").textContent = answer.points.value === "" ? "" : refuses(answer) ? "✗" : "✓";
    answer.points.setAttribute("aria-invalid", String(refuses(answer)));
  }
  const done = answers.filter((answer) => answer.points.value !== "" && !refuses(answer)).length;
  progress.textContent = `${counted(done)} / ${counted(answers.length)}${saved ? "" : " •"}`;
}

function keep() {
  saved = false;
  const state = answers.map((a) => [a.lines.map((line) => line.checked), a.points.value, a.comment.value]);
  try {
    localStorage.setItem(draft, JSON.stringify([marker.value, state]));
  } catch { /* a browser that stores nothing for files: the warning before leaving is what remains */ }
  show();
}

function restore() {
  try {
    const [name, state] = JSON.parse(localStorage.getItem(draft)) ?? [];
    if (!state) return;
    marker.value = name;
    answers.forEach((answer, at) => {
      const [ticks, points, comment] = state[at];
      answer.lines.forEach((line, n) => { line.checked = ticks[n]; });
      answer.points.value = points;
      answer.comment.value = comment;
    });
    saved = false;
  } catch { /* no draft, or not one of ours */ }
}

function cell(text) {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text; // else a spreadsheet would run it
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function table() {
  const rows = [["assignment", "part", "student", "points", "lines", "comment", "marker"]];
  for (const answer of answers.filter((each) => each.points.value !== "" || each.comment.value !== "")) {
    const ticked = answer.lines.flatMap((line, n) => (line.checked ? [n + 1] : [])).join(" ");
    for (const student of answer.students) {
      rows.push([assignment, part, student, answer.points.value, ticked, answer.comment.value, marker.value]);
    }
  }
  return rows.map((row) => row.map(cell).join(",") + "\r\n").join("");
}

function save() {
  const wrong = answers.find(refuses);
  if (wrong) return wrong.points.focus();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", table()], { type: "text/csv" }));
  link.download = `${[assignment, part, marker.value].filter(Boolean).join("-").replace(/[^\p{L}\p{N}.-]+/gu, "_")}.csv`;
  link.click();
  saved = true;
  show();
}

function here() {
  return answers.findIndex((answer) => answer.card.contains(document.activeElement));
}

function go(at) {
  const answer = answers[Math.max(0, Math.min(answers.length - 1, at))];
  answer?.card.focus();
  answer?.card.scrollIntoView({ block: "start" });
}

function give(answer, points) {
  answer.points.value = String(Math.round(Math.min(Math.max(points, 0), Number(most)) * 100) / 100);
  keep();
}

function tick(answer, line) { // beside what is given: points may have been given otherwise than by ticks
  const worth = Number(line.dataset.points);
  give(answer, Number(answer.points.value) + (line.checked ? worth : -worth));
}

function goOn(comment) { // after what is there: a browser would begin before it
  comment.focus();
  comment.setSelectionRange(comment.value.length, comment.value.length);
}

for (const answer of answers) {
  answer.lines.forEach((line) => line.addEventListener("change", () => tick(answer, line)));
  answer.points.addEventListener("input", keep);
  answer.comment.addEventListener("input", keep);
}
marker.addEventListener("input", keep);
names.addEventListener("change", () => {
  document.querySelectorAll(".answer .names").forEach((name) => { name.hidden = !names.checked; });
});
document.getElementById("save").addEventListener("click", save);
addEventListener("beforeunload", (event) => { if (!saved) event.preventDefault(); });

addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.key === "Escape" && here() >= 0) return answers[here()].card.focus();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.matches("textarea, input[type=text], input[type=number]")) return;
  const answer = answers[here()];
  const line = answer?.lines[Number(event.key) - 1];
  const does = {
    j: () => go(here() + 1), k: () => go(here() - 1), n: () => names.click(), s: save,
    p: () => answer?.points.focus(), c: () => answer && goOn(answer.comment),
    0: () => { if (answer) { answer.lines.forEach((each) => { each.checked = false; }); give(answer, 0); } },
  }[event.key];
  if (line) line.click();
  else if (does) does();
  else return;
  event.preventDefault();
});

restore();
show();
