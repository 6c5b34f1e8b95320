// Signing with a finger: strokes go into the hidden field as JSON, [[[x, y], ...], ...] in a box 600 wide.
(() => {
  const WIDTH = 600
  const start = (box) => {
    const canvas = box.querySelector('canvas')
    const field = box.querySelector('input')
    const pad = new SignaturePad(canvas, { minWidth: 1.2, maxWidth: 3 })
    const scale = () => WIDTH / canvas.clientWidth
    const stroke = (line) => line.points.map((p) => [p.x, p.y].map((n) => Math.round(n * scale() * 10) / 10))
    const save = () => { field.value = pad.isEmpty() ? '' : JSON.stringify(pad.toData().map(stroke)) }
    const point = ([x, y]) => ({ x: x / scale(), y: y / scale(), pressure: 0.5, time: 0 })
    // The canvas holds as many dots as the screen does; what was signed survives a turned phone and a refused form.
    const fit = () => {
      if (!canvas.clientWidth) return // folded away: the pad opens with the choice to sign here
      if (canvas.width === Math.round(canvas.clientWidth * devicePixelRatio)) return
      canvas.width = Math.round(canvas.clientWidth * devicePixelRatio)
      canvas.height = Math.round(canvas.clientHeight * devicePixelRatio)
      canvas.getContext('2d').scale(devicePixelRatio, devicePixelRatio)
      pad.clear()
      if (field.value) pad.fromData(JSON.parse(field.value).map((line) => ({ minWidth: 1.2, maxWidth: 3, points: line.map(point) })))
    }
    pad.addEventListener('endStroke', save)
    box.querySelector('[data-clear]').addEventListener('click', () => { pad.clear(); save() })
    box.querySelector('[data-undo]').addEventListener('click', () => { pad.fromData(pad.toData().slice(0, -1)); save() })
    new ResizeObserver(fit).observe(canvas)
    fit()
  }
  const all = (root) => root.querySelectorAll('[data-sign]').forEach(start)
  document.addEventListener('htmx:afterSwap', (e) => all(e.target))
  all(document)
})()
