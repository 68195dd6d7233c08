// The notice before an external page: Escape and Cancel go back, so that focus is again on the link that led here.
"use strict";
const cancel = document.getElementById("cancel");
function back(event) {
  if (history.length > 1) {
    event.preventDefault();
    history.back();
  }
}
cancel.addEventListener("click", back);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (history.length > 1) history.back();
    else location.assign(cancel.href);
  }
});
document.getElementById("continue").focus();
