// Adds a button to each password field that shows its text. Without scripting there is no such button.
for (const box of document.querySelectorAll('input[type=password]')) {
  const button = document.createElement('button');
  const show = (shown) => {
    box.type = shown ? 'text' : 'password';
    button.setAttribute('aria-pressed', shown);
  };
  button.type = 'button';
  button.className = 'show-password';
  button.textContent = 'Show';
  button.setAttribute('aria-label', `Show ${box.labels[0].textContent.toLowerCase()}`);
  button.addEventListener('click', () => show(box.type === 'password'));
  // Browsers remember the values of submitted text fields.
  box.form.addEventListener('submit', () => show(false));
  // Hides the text again for the back/forward cache.
  addEventListener('pagehide', () => show(false));
  show(false);
  box.after(button);
}
