// The QR code's address ends in #CODE: a browser sends that to nobody. It goes into the form, leaves the address, asks.
(() => {
  const form = document.querySelector('[data-verify]')
  const code = decodeURIComponent(location.hash.slice(1))
  if (!form || !code) return
  history.replaceState(null, '', location.pathname + location.search)
  form.code.value = code
  if (form.number.value) form.requestSubmit()
})()
