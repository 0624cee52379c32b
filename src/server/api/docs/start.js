// A separate file, because the page's Content-Security-Policy allows no inline scripts.

// Swagger UI has a dark theme, but sets it by a class instead of the media query.
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  // Forgets a pasted token when the page closes.
  persistAuthorization: false,
  // The default sends the document to the vendor's validator.
  validatorUrl: null,
});
