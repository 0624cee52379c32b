// Puts a button into each box for a password that shows what one types. Made here, so that without scripting there is none.
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
  // Browsers remember what is sent in a box of text, and offer it later.
  box.form.addEventListener('submit', () => show(false));
  // Nor may it be in sight when the page comes back.
  addEventListener('pagehide', () => show(false));
  show(false);
  box.after(button);
}
