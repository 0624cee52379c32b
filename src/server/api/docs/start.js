// A file of its own, because the page's Content-Security-Policy allows no script inside of it.

// Swagger UI has dark colours, and waits for a class instead of asking for the preference.
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  // A token that somebody pastes in to try things out is gone with the page.
  persistAuthorization: false,
  // Else it would show the document to a server of the makers.
  validatorUrl: null,
});
