"""The back-office of the templates of slides."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.backoffice import AuditedAdmin, BackOfficeForm
from reviews.models import LARGEST, SlideTemplate
from reviews.slides.template import check_template


class SlideTemplateForm(BackOfficeForm):
    file = forms.FileField(
        label=_("File"), widget=forms.FileInput(attrs={"accept": ".pptx"}),
        help_text=_("A .pptx file whose layouts have the named placeholders, of at most 5 MB."),
    )  # fmt: skip

    class Meta:
        model = SlideTemplate
        fields = ["name"]

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        content = file.read(LARGEST + 1)
        self.instance.digest = check_template(content)
        self.instance.content = content
        self.instance.filename = (file.name or "")[-200:]
        return file


@admin.register(SlideTemplate)
class SlideTemplateAdmin(AuditedAdmin):
    form = SlideTemplateForm
    intro = _("The slides of reviews in your house style. The newest one is in use; without one, our own is.")
    audited = ("name", "filename", "digest")
    list_display = ["name", "filename", "added_by", "added_at"]

    def has_change_permission(self, request: HttpRequest, obj: SlideTemplate | None = None) -> bool:
        return False  # another file is another template: add it, and delete the former one

    def save_model(self, request: HttpRequest, obj: SlideTemplate, form: Any, change: bool) -> None:
        obj.added_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request: HttpRequest, obj: SlideTemplate | None = None) -> list[str]:
        return [] if obj is None else ["name", "filename", "added_by", "added_at", "digest"]

    def get_fields(self, request: HttpRequest, obj: SlideTemplate | None = None) -> Any:
        return ["name", "file", "seen"] if obj is None else ["name", "filename", "added_by", "added_at", "digest"]
