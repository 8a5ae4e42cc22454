// The map of the regions page. What is drawn comes from Python; only places on the map go back.
// The view (zoom, mode) belongs to the browser and outlives every rerun. The wheel zooms once the map has the focus.

const MAX_ZOOM = 60, WHEEL = 0.0015, STEP = 1.4, REACH = 12, PALE = 0.14, HEIGHT = 540, PHONE = 420;
const LAND = [0.04, 0.19, 0.34, 0.49, 0.64], FINE = 4; // levels of held-out's density; grid cells a cell of it is drawn in
const LABEL = 13, LEAST_CONTRAST = 3; // pixels; of a point against the ground, under which it gets an edge
const REACHES = [10, 22, 36, 52, 72, 96, 124], COVERED = 3, SQUARE = 6; // pixels to a name, reaches a point is worth, pixels
const SIDES = [[0, -1], [1, -1], [-1, -1], [1, 0], [-1, 0], [1, 1], [-1, 1], [0, 1]];
const MODES = [["lasso", "Lasso"], ["box", "Box"], ["move", "Move"]];
const ACTIONS = [
  ["in", "Zoom in", "+"], ["out", "Zoom out", "−"], ["whole", "Show the whole map", "All"],
  ["full", "Full screen", "Full screen"], ["save", "Save the map as a picture", "PNG"],
  ["seen", "Choose every pair in view", "Choose shown"],
];
const maps = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  if (!maps.has(parentElement)) maps.set(parentElement, new DriftMap(parentElement));
  maps.get(parentElement).show(data, setTriggerValue);
}

class DriftMap {
  constructor(parent) {
    this.root = element("div", "map", parent);
    this.tools = element("div", "tools", this.root);
    this.stage = element("div", "stage", this.root);
    this.canvas = element("canvas", "", this.stage);
    this.tip = element("div", "tip", this.stage);
    this.tip.hidden = true;
    this.card = element("div", "card", this.stage);
    this.card.setAttribute("role", "status");
    this.hint = element("p", "hint", this.root);
    this.hint.textContent = "Keys: arrows move, + and − zoom, 0 shows all, Enter chooses what is in view, Escape lets go.";
    this.legend = element("ul", "legend", this.root);
    this.mode = matchMedia("(pointer: coarse)").matches ? "move" : "lasso";
    this.whole();
    this.buildTools();
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.stage);
    hear(new WeakRef(this));
  }

  // What stays of the map comes in a message of its own, before this one or after it.
  show(changing, send) {
    const ground = globalThis.distillationDriftGrounds?.get(changing.digest);
    this.waiting = ground ? undefined : [changing, send];
    if (!ground) return;
    const data = { ...ground, ...changing }, isAnother = this.data?.digest !== data.digest;
    this.send = (what) => send("event", what);
    if (this.data && String([this.data.low, this.data.high]) !== String([data.low, data.high])) this.whole();
    this.data = data;
    if (isAnother) {
      this.points = new Uint16Array(bytes(data.points).buffer);
      this.land = data.ground && bytes(data.ground);
      this.contours = this.land ? LAND.map((level) => contours(this.land, level * 255)) : [];
    }
    this.look = bytes(data.look);
    this.group = new Uint16Array(bytes(data.group).buffer);
    this.apart = data.apart && new Int8Array(bytes(data.apart).buffer);
    this.chosen = data.chosen && bits(bytes(data.chosen), this.look.length);
    this.outline = [];
    this.canvas.setAttribute("aria-label", data.description);
    this.looks = undefined;
    this.draw();
  }

  buildTools() {
    const modes = element("div", "group", this.tools), acting = element("div", "group", this.tools);
    for (const [mode, name] of MODES) {
      const button = this.tool(modes, name, () => this.setMode(mode));
      button.dataset.mode = mode;
    }
    const acts = {
      in: () => this.zoom(STEP), out: () => this.zoom(1 / STEP), whole: () => { this.whole(); this.draw(); },
      seen: () => this.chooseSeen(), full: () => this.fullScreen(), save: () => this.save(),
    };
    for (const [act, title, name] of ACTIONS) {
      const button = this.tool(act === "seen" ? this.tools : acting, name, acts[act]);
      button.title = title;
      if (name.length === 1) button.setAttribute("aria-label", title); // a sign is no name
    }
    this.setMode(this.mode);
  }

  tool(place, name, act) {
    const button = element("button", "", place);
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", act);
    return button;
  }

  setMode(mode) {
    this.mode = mode;
    for (const button of this.tools.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
    this.canvas.style.touchAction = mode === "move" ? "pan-y" : "none";
    this.canvas.style.cursor = mode === "move" ? "grab" : "crosshair";
  }

  buildLegend() {
    const used = new Set(this.look);
    this.legend.replaceChildren();
    this.looks.forEach((look, i) => {
      if (!used.has(i) && !(i === 0 && this.contours.length)) return;
      const entry = element("li", "", this.legend);
      const sign = element("span", i === 0 && !used.has(0) ? "land" : look.shape, entry);
      sign.style.color = look.colour;
      entry.append(look.name);
    });
    if (this.data.note) element("li", "note", this.legend).textContent = this.data.note;
  }

  listen() {
    const on = (kind, act, how) => this.canvas.addEventListener(kind, act, how);
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.release(event));
    on("pointercancel", () => this.cancel());
    on("pointerleave", () => this.pointAt(-1));
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("keydown", (event) => this.key(event));
  }

  // --- places: map coordinates in 0..1 from the lower left, and pixels of the canvas ---

  whole() { this.scale = 1; this.left = 0; this.bottom = 0; }

  toPixel([x, y]) {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    return [(x - this.left) * this.scale * w, h - (y - this.bottom) * this.scale * h];
  }

  toPlace([px, py]) {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    return [px / (this.scale * w) + this.left, (h - py) / (this.scale * h) + this.bottom];
  }

  place(i) { return [this.points[2 * i] / 65535, this.points[2 * i + 1] / 65535]; }

  fromMap(place) { return place.map((value, i) => (value - this.data.low[i]) / (this.data.high[i] - this.data.low[i])); }

  toMap(place) { return place.map((share, i) => this.data.low[i] + share * (this.data.high[i] - this.data.low[i])); }

  zoom(factor, at = [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2]) {
    const before = this.toPlace(at);
    this.scale = Math.min(MAX_ZOOM, Math.max(1, this.scale * factor));
    const after = this.toPlace(at);
    this.left += before[0] - after[0];
    this.bottom += before[1] - after[1];
    this.hold();
    this.draw();
  }

  pan(dx, dy) {
    this.left -= dx / (this.scale * this.canvas.clientWidth);
    this.bottom += dy / (this.scale * this.canvas.clientHeight);
    this.hold();
    this.draw();
  }

  hold() {
    const most = 1 - 1 / this.scale;
    this.left = Math.min(most, Math.max(0, this.left));
    this.bottom = Math.min(most, Math.max(0, this.bottom));
  }

  // --- what a hand does ---

  press(event) {
    if (event.button > 1) return;
    this.canvas.setPointerCapture(event.pointerId);
    const at = [event.offsetX, event.offsetY];
    const moves = this.mode === "move" || event.button === 1 || event.shiftKey;
    this.hand = { start: at, last: at, moves, path: [at], far: false };
    this.pointAt(-1);
  }

  move(event) {
    const at = [event.offsetX, event.offsetY], hand = this.hand;
    if (!hand) return this.point(at);
    hand.far ||= distance(at, hand.start) > 4;
    if (hand.moves) this.pan(at[0] - hand.last[0], at[1] - hand.last[1]);
    else if (this.mode === "box") hand.path = corners(hand.start, at);
    else if (distance(at, hand.last) > 2) hand.path.push(at);
    hand.last = at;
    if (!hand.moves && hand.far) { this.outline = hand.path; this.draw(); }
  }

  release(event) {
    const hand = this.hand;
    this.hand = null;
    if (!hand) return;
    if (!hand.far) return this.click([event.offsetX, event.offsetY]);
    if (hand.moves || hand.path.length < 3) return;
    this.chooseOutline(hand.path.map((at) => this.toPlace(at)));
  }

  cancel() { this.hand = null; this.outline = []; this.draw(); }

  click(at) {
    const nearest = this.nearest(at);
    if (nearest < 0) this.send({ kind: "nothing" });
    else this.send({ kind: "pair", place: this.toMap(this.place(nearest)) });
  }

  chooseSeen() {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    this.chooseOutline(corners([0, 0], [w, h]).map((at) => this.toPlace(at)));
  }

  chooseOutline(outline) {
    const step = Math.ceil(outline.length / 400);
    this.send({ kind: "outline", outline: outline.filter((_, i) => i % step === 0).map((place) => this.toMap(place)) });
  }

  wheel(event) {
    if (this.root.getRootNode().activeElement !== this.canvas && !event.ctrlKey) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY * WHEEL), [event.offsetX, event.offsetY]);
  }

  key(event) {
    const acts = {
      "+": () => this.zoom(STEP), "=": () => this.zoom(STEP), "-": () => this.zoom(1 / STEP),
      0: () => { this.whole(); this.draw(); }, Enter: () => this.chooseSeen(), Escape: () => this.send({ kind: "nothing" }),
      ArrowLeft: () => this.pan(60, 0), ArrowRight: () => this.pan(-60, 0),
      ArrowUp: () => this.pan(0, 60), ArrowDown: () => this.pan(0, -60),
    };
    if (!acts[event.key] || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    acts[event.key]();
  }

  point(at) {
    const nearest = this.nearest(at);
    this.pointAt(nearest);
    if (nearest < 0) return;
    const i = nearest - this.data.n_heldout, look = this.looks[this.look[nearest]], lines = [];
    for (const [name, text] of [["query", this.data.texts[i]], ["of", this.data.groups[this.group[i]]], ["far", this.inWords(i)]]) {
      const line = document.createElement("div");
      line.className = name;
      line.textContent = text;
      if (text) lines.push(line);
    }
    const sign = document.createElement("span");
    sign.className = `sign ${look.shape}`;
    sign.style.color = look.colour;
    lines[1]?.prepend(sign);
    this.tip.replaceChildren(...lines);
    this.put(this.tip, at);
  }

  // How far the student puts the pair from where the teacher does.
  inWords(i) {
    const apart = this.apart ? this.apart[i] : null;
    if (apart === null) return "";
    if (!apart) return "student and teacher rank it alike";
    return `student ranks it ${Math.abs(apart)}% of all pairs ${apart > 0 ? "higher" : "lower"}`;
  }

  pointAt(i) {
    this.tip.hidden = i < 0;
    if (i === this.pointed) return;
    this.pointed = i;
    if (this.mode !== "move") this.canvas.style.cursor = i < 0 ? "crosshair" : "pointer";
    this.draw();
  }

  nearest(at) {
    let best = -1, least = REACH;
    for (let i = this.data.n_heldout; i < this.look.length; i++) {
      const far = distance(this.toPixel(this.place(i)), at);
      if (far < least) { best = i; least = far; }
    }
    return best;
  }

  put(box, [x, y]) {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    box.style.left = `${Math.max(4, Math.min(x + 14, w - box.offsetWidth - 4))}px`;
    box.style.top = `${Math.max(4, Math.min(y + 14, h - box.offsetHeight - 4))}px`;
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen();
  }

  save() {
    this.canvas.toBlob((blob) => {
      const link = element("a", "", this.root);
      link.href = URL.createObjectURL(blob);
      link.download = this.data.file_name;
      link.click();
      URL.revokeObjectURL(link.href);
      link.remove();
    });
  }

  // --- the picture ---

  // However often a hand moves, the picture is drawn once a frame.
  draw() {
    this.frame ??= requestAnimationFrame(() => { this.frame = undefined; this.paint(); });
  }

  paint() {
    if (!this.data) return;
    const { canvas } = this, ratio = devicePixelRatio || 1;
    const full = document.fullscreenElement !== null && this.root.getRootNode().fullscreenElement === this.root;
    this.stage.style.height = full ? "" : `${this.root.clientWidth < 600 ? PHONE : HEIGHT}px`;
    const { clientWidth: w, clientHeight: h } = this.stage;
    if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
      canvas.width = Math.round(w * ratio);
      canvas.height = Math.round(h * ratio);
    }
    const style = getComputedStyle(this.root), pen = canvas.getContext("2d");
    this.ink = style.getPropertyValue("--st-text-color").trim() || style.color;
    this.paper = style.getPropertyValue("--st-background-color").trim() || "white";
    this.accent = style.getPropertyValue("--st-primary-color").trim() || this.ink;
    this.font = style.fontFamily;
    this.colour();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.fillStyle = this.paper;
    pen.fillRect(0, 0, w, h);
    this.drawGround(pen);
    this.drawOutline(pen, this.data.outline.map((place) => this.toPixel(this.fromMap(place))));
    this.drawOutline(pen, this.outline);
    this.drawPoints(pen, ratio);
    const taken = [], crowd = this.data.labels.length ? this.crowd(false) : undefined;
    for (const label of this.data.labels) this.drawLabel(pen, label, taken, crowd);
    if (this.pointed >= 0 && this.pointed < this.look.length) this.drawRing(pen, this.toPixel(this.place(this.pointed)), 7, 1.5);
    if (this.data.pair) this.drawRing(pen, this.toPixel(this.fromMap(this.data.pair)), 9, 2.5);
    this.placeCard();
  }

  // The colours that read on this ground, also once the reader has turned to the other theme.
  colour() {
    const isDark = contrast("#FFFFFF", this.paper) > contrast("#000000", this.paper);
    if (this.looks && this.isDark === isDark) return;
    this.isDark = isDark;
    this.looks = this.data.looks.map((look) => ({ ...look, colour: (isDark && this.data.on_dark[look.colour]) || look.colour }));
    this.buildLegend();
  }

  drawRing(pen, [x, y], reach, width) {
    pen.beginPath();
    pen.arc(x, y, reach, 0, 2 * Math.PI);
    pen.strokeStyle = this.paper;
    pen.lineWidth = width + 2;
    pen.stroke();
    pen.strokeStyle = this.ink;
    pen.lineWidth = width;
    pen.stroke();
  }

  // What held-out knows is land: tinted by its density, with a shore. New traffic lies outside.
  drawGround(pen) {
    if (!this.land) return;
    const colour = this.looks[0].colour, [left, top] = this.toPixel([0, 1]), [right, low] = this.toPixel([1, 0]);
    if (this.tinted?.land !== this.land || this.tinted.colour !== colour) this.tinted = tint(this.land, colour);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(this.tinted.picture, left, top, right - left, low - top);
    pen.strokeStyle = colour;
    pen.lineWidth = 1;
    this.contours.forEach((lines, level) => {
      pen.globalAlpha = level ? 0.25 : 1;
      pen.beginPath();
      for (const [from, to] of lines) {
        pen.moveTo(...this.toPixel(from));
        pen.lineTo(...this.toPixel(to));
      }
      pen.stroke();
    });
    pen.globalAlpha = 1;
  }

  drawPoints(pen, ratio) {
    const many = Math.min(1, Math.max(0.5, Math.sqrt(4000 / this.look.length))); // smaller ones where they crowd
    const grow = many * Math.min(2, Math.sqrt(this.scale));
    const stamps = this.looks.map((look) => stamp(look, grow, ratio, this.paper, this.ink));
    const { clientWidth: w, clientHeight: h } = this.canvas;
    for (const forward of this.chosen ? [0, 1] : [1]) {
      for (let kind = 0; kind < stamps.length; kind++) {
        const opacity = this.looks[kind].opacity;
        pen.globalAlpha = forward ? (this.chosen ? 1 : opacity) : PALE;
        const { picture, size } = stamps[kind];
        for (let i = 0; i < this.look.length; i++) {
          if (this.look[i] !== kind || (this.chosen && kind && this.chosen[i] !== forward)) continue;
          if (kind === 0 && this.chosen && forward) continue;
          const [x, y] = this.toPixel(this.place(i));
          if (x > -size && y > -size && x < w + size && y < h + size) {
            pen.drawImage(picture, x - size / 2, y - size / 2, size, size);
          }
        }
      }
    }
    pen.globalAlpha = 1;
  }

  drawOutline(pen, path) {
    if (!path.length) return;
    pen.beginPath();
    path.forEach((at, i) => (i ? pen.lineTo(...at) : pen.moveTo(...at)));
    pen.closePath();
    pen.fillStyle = pen.strokeStyle = this.accent;
    pen.globalAlpha = 0.1;
    pen.fill();
    pen.globalAlpha = 1;
    pen.lineWidth = 2;
    pen.setLineDash([6, 4]);
    pen.stroke();
    pen.setLineDash([]);
  }

  // A name beside the place it belongs to, over fewest points and over no other name, else it waits until there is room;
  // a line leads there where it stands apart.
  drawLabel(pen, { text, place, is_drifted: isDrifted }, taken, crowd) {
    const at = this.toPixel(this.fromMap(place)), [x, y] = at, { clientWidth: w, clientHeight: h } = this.canvas;
    if (x < 0 || y < 0 || x > w || y > h) return;
    pen.font = `${isDrifted ? 700 : 500} ${LABEL + isDrifted}px ${this.font}`;
    const width = pen.measureText(text).width, height = LABEL + 3;
    let best = Infinity, found;
    REACHES.forEach((reach, step) => SIDES.forEach(([right, down], turn) => {
      const left = Math.max(6, Math.min(x + right * (reach + width / 2) - width / 2, w - width - 6));
      const top = Math.max(6, Math.min(y + down * (reach + height / 2) - height / 2, h - height - 6));
      const box = [left, top, left + width, top + height];
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return;
      const cost = COVERED * covered(crowd, box) + step + turn / SIDES.length;
      if (cost < best) [best, found] = [cost, box];
    }));
    if (!found) return;
    taken.push([found[0] - 4, found[1] - 2, found[2] + 4, found[3] + 2]);
    const end = [Math.max(found[0], Math.min(x, found[2])), Math.max(found[1], Math.min(y, found[3]))];
    if (distance(at, end) > REACHES[0] + 2) {
      for (const [colour, across] of [[this.paper, 4], [this.ink, 1.5]]) {
        pen.strokeStyle = colour;
        pen.lineWidth = across;
        pen.beginPath();
        pen.moveTo(...at);
        pen.lineTo(...end);
        pen.stroke();
      }
    }
    pen.textAlign = "left";
    pen.textBaseline = "bottom";
    pen.lineJoin = "round";
    pen.strokeStyle = this.paper;
    pen.lineWidth = 4;
    pen.strokeText(text, found[0], found[3]);
    pen.fillStyle = this.ink;
    pen.fillText(text, found[0], found[3]);
  }

  // Where points of production lie, by squares of the picture; of all pairs, or of those that are brought forward.
  crowd(isChosen) {
    const squares = new Set();
    for (let i = this.data.n_heldout; i < this.look.length; i++) {
      if (isChosen && this.chosen && !this.chosen[i]) continue;
      const [x, y] = this.toPixel(this.place(i));
      squares.add(square(Math.floor(x / SQUARE), Math.floor(y / SQUARE)));
    }
    return squares;
  }

  placeCard() {
    const card = this.data.card;
    this.card.hidden = !card;
    if (!card) return;
    this.card.replaceChildren(...card.lines.map((line) => {
      const part = document.createElement("div");
      part.textContent = line;
      return part;
    }));
    this.beside(this.card, (this.data.outline.length ? this.data.outline : [card.place]).map((at) => this.toPixel(this.fromMap(at))));
  }

  // Right, left, above or below what is chosen, else in a corner: where least of what is chosen lies under the card.
  beside(box, path) {
    const { clientWidth: w, clientHeight: h } = this.canvas, { offsetWidth: wide, offsetHeight: tall } = box;
    const [xs, ys] = [0, 1].map((axis) => path.map((at) => at[axis]));
    const [left, right, top, low] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const x = (left + right - wide) / 2, y = (top + low - tall) / 2, gap = 14;
    const crowd = box === this.card ? this.crowd(true) : new Set();
    const places = [[right + gap, y], [left - gap - wide, y], [x, top - gap - tall], [x, low + gap],
      [w, h], [0, h], [w, 0], [0, 0]].map(([across, down]) => [
      Math.max(4, Math.min(across, w - wide - 4)), Math.max(4, Math.min(down, h - tall - 4))]);
    const costs = places.map(([across, down]) => covered(crowd, [across, down, across + wide, down + tall])
      + (path.some(([u, v]) => u > across && u < across + wide && v > down && v < down + tall) ? 1 : 0));
    const [across, down] = places[costs.indexOf(Math.min(...costs))];
    box.style.left = `${across}px`;
    box.style.top = `${down}px`;
  }
}

// A map that is gone hears no more.
function hear(weak) {
  addEventListener("distillation-drift-ground", function heard() {
    const map = weak.deref();
    if (!map) removeEventListener("distillation-drift-ground", heard);
    else if (map.waiting) map.show(...map.waiting);
  });
}

function element(tag, name, parent) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  parent.append(made);
  return made;
}

function bytes(text) { return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)); }

function bits(packed, n) { return Uint8Array.from({ length: n }, (_, i) => (packed[i >> 3] >> (i & 7)) & 1); }

function square(column, row) { return column * 65536 + row; }

// How many squares with points a box lies over, with a little room around it.
function covered(crowd, [left, top, right, low]) {
  let n = 0;
  for (let column = Math.floor((left - 4) / SQUARE); column <= (right + 4) / SQUARE; column++) {
    for (let row = Math.floor((top - 4) / SQUARE); row <= (low + 4) / SQUARE; row++) n += crowd.has(square(column, row));
  }
  return n;
}

function distance([x, y], [u, v]) { return Math.hypot(x - u, y - v); }

function corners([x, y], [u, v]) { return [[x, y], [u, y], [u, v], [x, v]]; }

// A point with an edge that parts it from its neighbours: of the ground's colour, or of the words' where it is too pale.
function stamp({ colour, shape, size }, grow, ratio, paper, ink) {
  const across = size * grow + 3, picture = document.createElement("canvas");
  picture.width = picture.height = Math.ceil(across * ratio);
  const pen = picture.getContext("2d"), half = across / 2, reach = (size * grow) / 2;
  pen.scale(ratio, ratio);
  pen.fillStyle = colour;
  pen.strokeStyle = contrast(colour, paper) < LEAST_CONTRAST ? ink : paper;
  pen.lineWidth = 0.75;
  pen.beginPath();
  if (shape === "diamond") {
    for (const [x, y] of [[0, -reach], [reach, 0], [0, reach], [-reach, 0]]) pen.lineTo(half + x, half + y);
    pen.closePath();
  } else pen.arc(half, half, reach, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
  return { picture, size: across };
}

function channels(colour) { return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)); }

// Contrast of two colours (Web Content Accessibility Guidelines 2.2, 2023).
function contrast(...colours) {
  const [low, high] = colours.map((colour) => {
    const [red, green, blue] = channels(colour).map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }).sort((one, other) => one - other);
  return (high + 0.05) / (low + 0.05);
}

// The land as a picture: each level of density a little darker, between the grid's cells by their distance.
function tint(land, colour) {
  const n = Math.sqrt(land.length), across = n * FINE, picture = document.createElement("canvas");
  picture.width = picture.height = across;
  const pen = picture.getContext("2d"), image = pen.createImageData(across, across), rgb = channels(colour);
  const at = (row, column) => land[Math.min(n - 1, Math.max(0, row)) * n + Math.min(n - 1, Math.max(0, column))];
  for (let y = 0; y < across; y++) {
    for (let x = 0; x < across; x++) {
      const u = (x + 0.5) / FINE - 0.5, v = (across - y - 0.5) / FINE - 0.5; // rows of the land rise
      const column = Math.floor(u), row = Math.floor(v), right = u - column, up = v - row;
      const low = at(row, column) * (1 - right) + at(row, column + 1) * right;
      const high = at(row + 1, column) * (1 - right) + at(row + 1, column + 1) * right;
      const density = (low * (1 - up) + high * up) / 255;
      const levels = LAND.filter((level) => density > level).length;
      image.data.set([...rgb, 255 * (levels && 0.07 + 0.05 * levels)], 4 * (y * across + x));
    }
  }
  pen.putImageData(image, 0, 0);
  return { land, colour, picture };
}

// Lines of equal density over a square grid, as pairs of places in 0..1 (marching squares, Lorensen and Cline, 1987).
function contours(grid, level) {
  const n = Math.sqrt(grid.length), lines = [];
  const at = (row, column) => grid[row * n + column];
  for (let row = 0; row + 1 < n; row++) {
    for (let column = 0; column + 1 < n; column++) {
      const round = [[row, column], [row, column + 1], [row + 1, column + 1], [row + 1, column]];
      const crossings = [];
      round.forEach((from, i) => {
        const to = round[(i + 1) % 4], low = at(...from), high = at(...to);
        if (low > level === high > level) return;
        const share = (level - low) / (high - low);
        const place = from.map((cell, axis) => (cell + share * (to[axis] - cell) + 0.5) / n);
        crossings.push([place[1], place[0]]);
      });
      for (let i = 0; i + 1 < crossings.length; i += 2) lines.push([crossings[i], crossings[i + 1]]);
    }
  }
  return lines;
}
