// Shows a password that somebody types, at their wish. Without scripting the button stays hidden.
for (const button of document.querySelectorAll('.show-password')) {
  const box = document.getElementById(button.getAttribute('aria-controls'));
  const show = (shown) => {
    box.type = shown ? 'text' : 'password';
    button.setAttribute('aria-pressed', shown);
  };
  button.hidden = false;
  button.addEventListener('click', () => show(box.type === 'password'));
  // Browsers remember what is sent in a box of text, and offer it later.
  box.form.addEventListener('submit', () => show(false));
  // Nor may it be in sight when the page comes back.
  addEventListener('pagehide', () => show(false));
}
