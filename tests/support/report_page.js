// Runs the script of a page of `ktrain estimate --report` on a small document of its own, and moves its sliders:
//
//   node report_page.js PAGE [AXIS=INDEX...]
//
// prints what the page then says: verdict, flags of what was moved, rows of the tables.
'use strict';
const fs = require('fs');

class Node {
  constructor(name) { this.name = name; this.children = []; this.attributes = {}; this.listeners = {}; this.own = ''; }
  get textContent() { return this.own + this.children.map(child => child.textContent).join(''); }
  set textContent(text) { this.own = String(text); this.children = []; }
  setAttribute(key, value) { this.attributes[key] = String(value); }
  append(...more) { this.children.push(...more); }
  prepend(first) { this.children.unshift(first); }
  replaceChildren(...all) { this.own = ''; this.children = all; }
  get type() { return this.attributes.type; }
  addEventListener(event, call) { this.listeners[event] = call; }
}

const page = fs.readFileSync(process.argv[2], 'utf8');
const between = (open, close) => page.slice(page.indexOf(open) + open.length).split(close)[0];
const byId = {};
for (const [, id] of page.matchAll(/ id="([^"]+)"/g)) {
  byId[id] = new Node(id);
  byId[id].tBodies = [new Node('tbody')];
}
byId.data.textContent = between('id="data">', '</script>');
const made = [];
const make = name => { const node = new Node(name); made.push(node); return node; };
globalThis.document = {
  getElementById: id => byId[id] || made.find(node => node.attributes.id === id) || null,
  createElement: make,
  createElementNS: (space, name) => make(name)
};
(0, eval)(between('<script>\n', '</script>'));

for (const word of process.argv.slice(3)) {
  if (word === 'reset') { byId.reset.listeners.click(); continue; }
  const [name, index] = word.split('=');
  const input = document.getElementById('axis-' + name);
  if (input.attributes.type === 'checkbox') input.checked = index === '1';
  else input.value = index;
  input.listeners.input();
}
console.log(byId.verdict.textContent);
if (!byId.moved.hidden) console.log(byId.sets.textContent);
for (const id of ['components', 'peaks', 'gpus'])
  for (const row of byId[id].tBodies[0].children)
    console.log([id, ...row.children.map(cell => cell.textContent)].join(' | '));
const parts = byId.bar.children.filter(part => part.name === 'rect');
const end = Math.max(...parts.map(part => Number(part.attributes.x) + Number(part.attributes.width)));
if (parts.length > 0 && !(end <= 1000.01)) throw new Error('the bar ends at ' + end);
