// A little help for pages that work without it: focus after a swap, one press once, many rows at a time, keys.
(() => {
  const doc = document
  const $ = (selector, root = doc) => root.querySelector(selector)
  const on = (type, handler, early) => doc.addEventListener(type, handler, early)
  doc.documentElement.classList.add('js')

  // Layouts that leave htmx out name it here. It starts by itself only in a document that is complete.
  const source = doc.currentScript.dataset.htmx
  if (!window.htmx && $('[hx-get], [hx-post]')) {
    addEventListener('load', () => { doc.head.append(Object.assign(doc.createElement('script'), { src: source })) })
  }

  // Focus follows the change: to what the server marked, else to the row after the one just decided.
  let next
  const land = (root) => {
    const mark = root.matches('[data-focus]') ? root : $('[data-focus]', root)
    const goal = mark || (next && next.isConnected && $('[data-open]', next))
    next = null
    // nobody is pulled out of a field they are typing in elsewhere on the page
    const typing = doc.activeElement.matches('input, select, textarea') && !root.contains(doc.activeElement)
    if (!goal || typing) return
    if (goal.tabIndex < 0) goal.tabIndex = -1
    goal.focus()
  }
  on('htmx:beforeRequest', (e) => {
    const row = e.target.closest('[data-row]')
    next = row && e.target.matches('[data-next]') && (row.nextElementSibling || row.previousElementSibling)
  })
  on('htmx:afterSwap', (e) => land(e.target))
  land(doc.body)

  // A request that came back broken says so in the status line, in the page's own words.
  const line = $('#status')
  const say = (text, tone) => {
    line.replaceChildren(Object.assign(doc.createElement('p'), { className: `notice ${tone}`, textContent: text }))
  }
  const fail = () => say(line.dataset.fail, 'danger')
  // News that came with a fragment: an event named by its HX-Trigger header.
  on('dolbom:status', (e) => say(e.detail.text, e.detail.tone))
  on('htmx:sendError', fail)
  on('htmx:responseError', fail)
  // News stays in sight for a while, however far down the list one is.
  let fade
  new MutationObserver(() => {
    line.classList.add('fresh')
    clearTimeout(fade)
    fade = setTimeout(() => line.classList.remove('fresh'), 6000)
  }).observe(line, { childList: true })

  // The second press of a form on its way does nothing; after five seconds one may try again.
  const busy = new WeakSet()
  on('submit', (e) => {
    const form = e.target
    if (form.method !== 'post') return
    if (busy.has(form)) { e.preventDefault(); e.stopImmediatePropagation(); return }
    busy.add(form)
    setTimeout(() => busy.delete(form), 5000)
  }, true)
  on('htmx:afterRequest', (e) => busy.delete(e.target.closest('form')))

  // "all" ticks every row of its form; the bar counts what is ticked.
  on('change', (e) => {
    const form = e.target.closest('form')
    if (!form) return
    const picks = [...form.querySelectorAll('[name=pick]')]
    const all = $('[data-all]', form)
    if (e.target === all) picks.forEach((pick) => { pick.checked = all.checked })
    const ticked = picks.filter((pick) => pick.checked).length
    const count = $('[data-picked]', form)
    if (count) count.textContent = ticked
    if (all) { all.checked = ticked > 0 && ticked === picks.length; all.indeterminate = ticked > 0 && !all.checked }
  })

  // A folded part of the menu closes with Escape and with a press anywhere else.
  const fold = (except) => doc.querySelectorAll('.fold[open]').forEach((part) => { if (part !== except) part.open = false })
  on('keydown', (e) => {
    const open = e.key === 'Escape' && $('.fold[open]')
    if (open) { fold(); $('summary', open).focus() }
  })

  on('click', (e) => {
    const at = (selector) => e.target.closest(selector)
    fold(at('.fold'))
    if (at('[data-print]')) print()
    if (at('[data-keys]')) $('#keys').showModal()
    const opener = at('[data-open]')
    if (opener) {
      $('[data-opened]')?.removeAttribute('data-opened')
      opener.closest('[data-row]')?.setAttribute('data-opened', '')
    }
    const close = at('[data-close]')
    const panel = close && close.closest('.panel')
    if (panel) {
      e.preventDefault()
      panel.replaceChildren()
      const row = $('[data-opened]')
      if (row) { row.removeAttribute('data-opened'); $('[data-open]', row).focus() }
    }
  })

  // Keys of staff lists. Never while typing, never with a modifier, and off for whoever switched them off.
  const off = $('[data-keys-off]')
  if (off) {
    off.checked = localStorage.keys === 'off'
    off.addEventListener('change', () => { localStorage.keys = off.checked ? 'off' : 'on' })
  }
  const move = (step) => {
    const rows = [...doc.querySelectorAll('[data-row]')]
    const here = rows.indexOf(doc.activeElement.closest('[data-row]'))
    const row = rows[here < 0 ? 0 : here + step]
    if (row) ($('[data-open]', row) || $('a, button, input', row)).focus()
  }
  const keys = {
    '/': () => $('[data-search]')?.focus(),
    '?': () => $('#keys')?.showModal(),
    j: () => move(1),
    k: () => move(-1),
    a: () => $('[data-approve]', doc.activeElement.closest('[data-row]') || doc.createElement('i'))?.click(),
  }
  on('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || !off || off.checked || $('dialog[open]')) return
    if (e.target.matches('select, textarea, input:not([type=checkbox])') || !keys[e.key]) return
    e.preventDefault()
    keys[e.key]()
  })
})()
