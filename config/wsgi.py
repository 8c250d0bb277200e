import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from core.database_limits import apply_page_limits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
apply_page_limits(settings.DATABASES["default"])
application = get_wsgi_application()
