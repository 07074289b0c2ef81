// Looks up what ktrain has counted for each position of the sliders, and shows it. Nothing is computed here but
// shares, differences to the memory of a GPU, and the writing of numbers, which is that of core/base/units.cpp.
'use strict';
(function () {
  const data = JSON.parse(document.getElementById('data').textContent);
  const grid = data.grid, texts = grid.texts;
  const positions = grid.axes.map(axis => axis.start);
  const labels = [];  // texts of labels in the order they were met: it decides the shade
  const byId = id => document.getElementById(id);

  // Halves go to the even digit, as in C++; toFixed() rounds them up. With 60 digits it is exact.
  function fixed(value, digits) {
    const exact = value.toFixed(60), end = exact.indexOf('.') + (digits ? digits + 1 : 0);
    const half = /^\.?50*$/.test(exact.slice(end));
    return half && '02468'.includes(exact[end - 1]) ? exact.slice(0, end) : value.toFixed(digits);
  }
  function scaled(value, step, units) {
    let unit = 0;
    while (unit + 1 < units.length && value >= step * 0.9995) { value /= step; ++unit; }
    const digits = unit === 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return fixed(value, digits) + ' ' + units[unit];
  }
  const gib = bytes => scaled(Math.abs(bytes), 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
  const decimal = bytes => scaled(Math.abs(bytes), 1000, ['B', 'kB', 'MB', 'GB', 'TB']);
  const size = bytes => decimal(bytes) + ' (' + gib(bytes) + ')';
  const grouped = number => String(number).replace(/\B(?=(\d{3})+$)/g, ',');
  const left = bytes => (bytes < 0 ? '-' : '') + gib(bytes);

  function element(name, text, attributes) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    for (const key in attributes || {}) made.setAttribute(key, attributes[key]);
    return made;
  }
  function shape(name, attributes) {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    return made;
  }
  function row(cells, numbers, first) {
    const made = element('tr');
    cells.forEach((text, i) => {
      const cell = element('td', text, numbers.includes(i) ? {class: 'number'} : {});
      if (i === 0 && first) cell.prepend(first);
      made.append(cell);
    });
    return made;
  }
  function swatch(label) {
    const made = shape('svg', {class: 'swatch', viewBox: '0 0 14 14', 'aria-hidden': 'true'});
    made.append(shape('rect', {width: 14, height: 14, fill: fill(label)}));
    return made;
  }
  function fill(label) {
    if (!labels.includes(label)) labels.push(label);
    return 'url(#shade' + labels.indexOf(label) % data.shades + ')';
  }

  // Where the sliders are, as an object; a number in its place is the text of why there is nothing.
  function look() {
    let index = 0;
    grid.axes.forEach((axis, i) => { index = index * axis.values.length + positions[i]; });
    const kind = grid.kinds[grid.cells[index]];
    if (typeof kind === 'number') return {refused: texts[kind]};
    const [needed, active, reserved, outside, host, trainable, margin, peak, lines, phases, low, high, needs] =
      kind;
    return {
      needed, active, reserved, outside, host, trainable, low, high,
      needs: needs.flatMap(([count, bytes]) => Array(count).fill(bytes)), margin: texts[margin], peak: texts[peak],
      lines: lines.map(i => grid.lines[i]).map(([label, bytes, formula]) => ({label, bytes, formula})),
      phases: phases.map(i => grid.phases[i]).map(([name, bytes]) => ({name: texts[name], bytes}))
    };
  }

  function show_bar(found, total) {
    const card = data.wanted ? data.wanted.memory : 0;
    const whole = Math.max(total, found.needed, card);
    const bar = byId('bar');
    bar.replaceChildren();
    let at = 0;
    for (const line of found.lines) {
      const width = 1000 * line.bytes / whole;
      const words = texts[line.label] + ': ' + gib(line.bytes) + ', ' + fixed(100 * line.bytes / total, 1) + ' %';
      const part = shape('rect', {x: at, y: 8, width: width, height: 48, fill: fill(line.label), tabindex: 0,
                                  role: 'img', 'aria-label': words});
      const tip = shape('title', {});
      tip.textContent = words;
      part.append(tip);
      for (const event of ['focus', 'pointerenter'])
        part.addEventListener(event, () => { byId('detail').textContent = words + ' = ' + texts[line.formula]; });
      bar.append(part);
      at += width;
    }
    const mark = (bytes, kind) => {
      const x = 1000 * bytes / whole;
      bar.append(shape('line', {x1: x, x2: x, y1: 0, y2: 64, class: kind}));
    };
    mark(found.needed, 'needed');
    if (card) mark(card, 'card');
    byId('scale').textContent = 'The whole width is ' + gib(whole) + '; the line is what is needed, ' +
      gib(found.needed) + (card ? '; the dashed line is ' + data.wanted.id + ' with ' + gib(card) : '') + '.';
  }

  function show_tables(found, total) {
    byId('components').tBodies[0].replaceChildren(
      ...found.lines.map(line => row(
        [texts[line.label], grouped(line.bytes), gib(line.bytes), fixed(100 * line.bytes / total, 1) + ' %',
         texts[line.formula]], [1, 2, 3], swatch(line.label))),
      row(['total', grouped(total), gib(total), '', 'on each GPU'], [1, 2, 3]));
    const figures = [];
    if (found.active !== null) {
      figures.push(['in use', found.active, 'at the peak: ' + found.peak + '; between ' + gib(found.low) + ' and ' + gib(found.high) + ': ' + data.basis]);
      figures.push(['reserved', found.reserved, 'by the allocator']);
      figures.push(['recommended', found.needed, found.margin]);
    } else {
      figures.push(['needed', found.needed, 'the sum of the components']);
    }
    if (found.host) figures.push(['host memory', found.host, 'of each node, for what is offloaded']);
    if (found.trainable !== null) figures.push(['trainable parameters', found.trainable, '']);
    byId('peaks').tBodies[0].replaceChildren(...figures.map(([name, bytes, how]) => row(
      [name, grouped(bytes), name === 'trainable parameters' ? '' : gib(bytes), how], [1, 2])));
    if (byId('phases'))
      byId('phases').tBodies[0].replaceChildren(
        ...found.phases.map(phase => row([phase.name, grouped(phase.bytes), gib(phase.bytes)], [1, 2])));
    byId('gpus').tBodies[0].replaceChildren(...data.gpus.map((gpu, i) => {
      const made = row([gpu.id, gib(gpu.memory), found.needs[i] <= gpu.memory ? 'yes' : 'no',
                        left(gpu.memory - found.needs[i])], [1, 3]);
      if (data.wanted && gpu.id === data.wanted.id) made.className = 'wanted';
      return made;
    }));
  }

  function show_verdict(found) {
    const place = byId('verdict'), fits = data.gpus.filter((gpu, i) => found.needs[i] <= gpu.memory);
    const nearest = fits.length ? 'the nearest GPU that fits is ' + fits[0].id + ' with ' + size(fits[0].memory)
                                : 'no GPU of the catalog fits';
    if (!data.wanted) {
      place.textContent = 'needs ' + size(found.needed) + '; ' + nearest;
      return;
    }
    const headroom = data.wanted.memory - found.needed;
    place.className = headroom >= 0 ? 'yes' : 'no';
    place.textContent = headroom >= 0
      ? 'fits ' + data.wanted.id + ': ' + size(headroom) + ' of ' + size(data.wanted.memory) + ' left'
      : 'does not fit ' + data.wanted.id + ': ' + size(headroom) + ' missing of ' + size(found.needed) + '; ' + nearest;
  }

  const word = (axis, i) => axis.names ? axis.names[axis.values[i]] : String(axis.values[i]);

  function show() {
    const moved = grid.axes.filter((axis, i) => positions[i] !== axis.start);
    byId('moved').hidden = !moved.length;
    byId('sets').textContent = grid.axes
      .map((axis, i) => positions[i] === axis.start ? '' : '--set ' + axis.field + '=' + word(axis, positions[i]))
      .filter(text => text).join(' ');
    if (byId('job-note')) byId('job-note').hidden = !moved.length;
    const found = look();
    byId('detail').textContent = '';
    if (found.refused) {
      byId('verdict').className = 'no';
      byId('verdict').textContent = 'cannot be trained: ' + found.refused;
      byId('scale').textContent = '';
      byId('bar').replaceChildren();
      for (const id of ['components', 'peaks', 'phases', 'gpus'])
        if (byId(id)) byId(id).tBodies[0].replaceChildren();
      return;
    }
    const total = found.lines.reduce((sum, line) => sum + line.bytes, 0);
    show_bar(found, total);
    show_tables(found, total);
    show_verdict(found);
  }

  function control(axis, i) {
    const label = element('label', axis.label + ': ');
    const said = element('output', word(axis, axis.start));
    const input = axis.names && axis.names.length === 2
      ? element('input', undefined, {type: 'checkbox', id: 'axis-' + axis.name})
      : element('input', undefined, {type: 'range', id: 'axis-' + axis.name, min: 0, max: axis.values.length - 1, step: 1});
    const set = index => {
      positions[i] = index;
      said.textContent = word(axis, index);
      input.setAttribute('aria-valuetext', said.textContent);
      if (input.type === 'checkbox') input.checked = axis.values[index] !== 0;
      else input.value = index;
    };
    input.addEventListener('input', () => {
      set(input.type === 'checkbox' ? axis.values.indexOf(input.checked ? 1 : 0) : Number(input.value));
      show();
    });
    set(axis.start);
    label.append(said, input);
    byId('controls').append(label);
    return () => set(axis.start);
  }

  const resets = grid.axes.map(control);
  byId('reset').addEventListener('click', () => { resets.forEach(reset => reset()); show(); });
  byId('what-if').hidden = false;
  show();
})();
