// Sets theme and language before the first paint; a file of its own because the policy allows no inline script.
;(function () {
  var root = document.documentElement
  var theme = 'auto'
  var lang = ''
  try {
    theme = localStorage.getItem('sarhad.theme') || 'auto'
    lang = localStorage.getItem('sarhad.lang') || ''
  } catch {
    // A browser that keeps nothing still gets the defaults.
  }
  var dark = theme === 'dark' || (theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  root.dataset.theme = dark ? 'dark' : 'light'
  root.lang = lang || ((navigator.language || '').slice(0, 2) === 'ru' ? 'ru' : 'en')
})()
