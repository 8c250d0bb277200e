"""Coverage, band and origin of results, the soundness of responses, and corrections of fixed views.

Results that are there keep what they were closed with and are marked as closed under the former rule; coverage and band are
computed for them from the answers and the contacts that are known of that day. A confidential one keeps its level and the word
of its agreement: position and figure go.
"""

from collections import defaultdict

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from assessments.measurement.agreement import agreement_word
from assessments.measurement.coverage import band, coverage
from assessments.measurement.median import lower_weighted_median
from assessments.measurement.result import read_response
from assessments.measurement.soundness import is_hasty, is_uniform

BATCH = 500
ON_FIRST_SCREEN = 2  # statements that were answered before the clock of a response began
READ = ["origin", "counted", "known_levels", "pattern_error", "below_specification", "uniform", "hasty", "fixed_at"]
FOUND = [
    "former_rule", "agreement", "agreement_word", "customer_position", "told", "unheard", "coverage", "band_low", "band_high",
    "below_specification",
]  # fmt: skip


def batches(rows):
    """The rows by primary key, some at a time."""
    last = 0
    while some := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield some
        last = some[-1].pk


def read_responses(apps, schema_editor):
    """Find the origin of each response, what confidence asks of it, and since when it is fixed."""
    Response, Answer, Indicator = (
        apps.get_model(app, name)
        for app, name in (("assessments", "Response"), ("assessments", "Answer"), ("hierarchy", "Indicator"))
    )
    asked = defaultdict(list)
    for edition, rank, pk in Indicator.objects.filter(active=True).values_list("edition_id", "rank", "pk"):
        asked[edition].append((rank, pk))
    for some in batches(Response.objects.select_related("assessment__edition")):
        given = defaultdict(dict)
        answers = Answer.objects.filter(response__in=[one.pk for one in some])
        for response, indicator, value in answers.values_list("response_id", "indicator_id", "value"):
            given[response][indicator] = value
        heard = first_heard(Response, {one.assessment_id for one in some})
        for one in some:
            one.origin = origin_of(one)
            if one.submitted_at is None:
                continue
            shown = one.side == "team" or one.assessment.customer_level is not None
            one.counted = one.assessment.state == "closed" and one.position is not None and shown
            if one.side == "team" and one.assessment_id in heard:
                one.fixed_at = max(one.submitted_at, heard[one.assessment_id])
            by_level = {rank: [] for rank in range(1, 6)}
            for rank, pk in asked[one.assessment.edition_id]:
                by_level[rank].append(given[one.pk].get(pk))
            fill(one, by_level, statements=len(given[one.pk]))
        Response.objects.bulk_update(some, READ)


def fill(response, by_level, statements):
    reading = read_response(by_level, float(response.assessment.edition.held_at))
    response.uniform = is_uniform(by_level)
    if response.origin == "link":
        response.hasty = is_hasty(statements - ON_FIRST_SCREEN, response.submitted_at - response.started_at)
    if response.level is not None:
        response.known_levels = sum(score is not None for score in reading.level_scores[: response.level])
        response.pattern_error, response.below_specification = reading.pattern_error, reading.below_specification


def origin_of(response):
    """What the API brought as answers of a contact cannot be told from what one of us entered: it counts as told."""
    if response.side == "team":
        return "own" if response.user_id else "api"
    if response.contact_id is None:
        return "api"
    return "told" if response.entered_by_id else "link"


def first_heard(Response, rounds):
    """When the customer first answered, by round."""
    theirs = Response.objects.filter(assessment__in=rounds, side="customer", submitted_at__isnull=False).order_by()
    found = theirs.values("assessment").annotate(first=models.Min("submitted_at"))
    return {row["assessment"]: row["first"] for row in found}


def complete_results(apps, schema_editor):
    """Mark the measured results, and compute what they lack."""
    Assessment, Response, Contact, Account, Event = (
        apps.get_model(app, name)
        for app, name in (
            ("assessments", "Assessment"), ("assessments", "Response"), ("accounts", "Contact"), ("accounts", "Account"),
            ("audit", "Event"),
        )
    )  # fmt: skip
    for some in batches(Assessment.objects.filter(state="closed", origin="measured")):
        counted, people = defaultdict(list), defaultdict(list)
        heard = Response.objects.filter(assessment__in=some, side="customer", submitted_at__isnull=False, position__isnull=False)
        for response in heard:
            counted[response.assessment_id].append(response)
        contacts = list(Contact.objects.filter(account__in={one.account_id for one in some}))
        for contact in contacts:
            people[contact.account_id].append(contact)
        made = Event.objects.filter(
            object_type="accounts.contact", object_id__in=[one.pk for one in contacts],
            act__in=["contact.created", "contact.arrived"],
        )  # fmt: skip
        made_at = dict(made.order_by("-pk").values_list("object_id", "at"))
        for one in some:
            one.former_rule = True
            one.agreement_word = agreement_word(one.agreement) or ""
            if one.customer_level is not None:
                there = [contact for contact in people[one.account_id] if was_there(contact, one.closed_at, made_at)]
                complete(one, counted[one.pk], there)
            if one.visibility == "confidential" and one.customer_level is not None:
                Account.objects.filter(
                    pk=one.account_id, customer_level=one.customer_level, customer_position=one.customer_position
                ).update(customer_position=one.customer_level)
                one.customer_position = one.agreement = None
        Assessment.objects.bulk_update(some, FOUND)


def was_there(contact, moment, made_at):
    """Whether the contact was a voice of the account at that moment, as far as is known today."""
    made = made_at.get(contact.pk)
    if not contact.part_of_decision or (made and made > moment):
        return False
    day = moment.date()
    gone = contact.erased_on or (contact.left_on if not contact.active else None)
    return contact.active and contact.erased_on is None or (gone is not None and gone > day)


def complete(assessment, responses, contacts):
    """Fill coverage and band of one result where its answers still give its level."""
    if not responses:
        return
    confidential = assessment.visibility == "confidential"
    heard = {response.contact_id for response in responses}
    unheard = [1 if confidential else contact.influence for contact in contacts if contact.pk not in heard]
    weights = [1 if confidential else response.weight for response in responses]
    positions = [response.position for response in responses]
    assessment.told = sum(response.origin == "told" for response in responses)
    assessment.unheard = len(unheard)
    assessment.coverage = round(coverage(weights, unheard), 4)
    low, high = band(positions, weights, unheard, hide_ends=confidential)
    if low <= assessment.customer_level <= high:
        assessment.band_low, assessment.band_high = low, high
    if not confidential:
        median = lower_weighted_median(positions, weights)
        assessment.below_specification = any(one.below_specification for one in responses if one.position == median)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_merged_accounts_and_former_contacts'),
        ('assessments', '0001_initial'),
        ('audit', '0001_initial'),
        ('hierarchy', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='corrected')),
                ('answers', models.JSONField(default=dict, help_text="By the code of the statement: 1 to 5, or null for don't know.")),
                ('evidence', models.JSONField(default=dict, help_text='By level, 1 to 5.')),
                ('comment', models.TextField(blank=True, verbose_name='comment')),
                ('position', models.FloatField(blank=True, null=True)),
                ('level', models.PositiveSmallIntegerField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'correction',
                'verbose_name_plural': 'corrections',
                'ordering': ['pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='assessment',
            name='assessment_result_exactly_when_closed',
        ),
        migrations.RemoveConstraint(
            model_name='assessment',
            name='assessment_levels_in_range',
        ),
        migrations.AddField(
            model_name='assessment',
            name='agreement_word',
            field=models.CharField(blank=True, choices=[('split', 'split'), ('mixed', 'mixed'), ('shared', 'shared')], max_length=6),
        ),
        migrations.AddField(
            model_name='assessment',
            name='band_high',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='assessment',
            name='band_low',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='assessment',
            name='below_specification',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='assessment',
            name='coverage',
            field=models.FloatField(blank=True, help_text='The share of the weight that was heard, 0 to 1.', null=True),
        ),
        migrations.AddField(
            model_name='assessment',
            name='former_rule',
            field=models.BooleanField(default=False, help_text='Its confidence was found before coverage counted for it.', verbose_name='closed under the former rule'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='told',
            field=models.PositiveIntegerField(default=0, help_text='Responses that count and were told to us.'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='unheard',
            field=models.PositiveIntegerField(blank=True, help_text='People of the decision whose answers do not count.', null=True),
        ),
        migrations.AddField(
            model_name='response',
            name='below_specification',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='response',
            name='counted',
            field=models.BooleanField(default=False, help_text='In the result, once the round is closed.'),
        ),
        migrations.AddField(
            model_name='response',
            name='fixed_at',
            field=models.DateTimeField(blank=True, help_text='Of our side: when it was there and the customer had answered.', null=True, verbose_name='fixed'),
        ),
        migrations.AddField(
            model_name='response',
            name='hasty',
            field=models.BooleanField(default=False, verbose_name='filled in too fast'),
        ),
        migrations.AddField(
            model_name='response',
            name='known_levels',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Of the levels 1 to its level.', null=True),
        ),
        migrations.AddField(
            model_name='response',
            name='origin',
            field=models.CharField(choices=[('link', 'by link'), ('told', 'told to us'), ('api', 'by API'), ('own', 'our own view')], default='', max_length=4, verbose_name='origin'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='response',
            name='pattern_error',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='response',
            name='uniform',
            field=models.BooleanField(default=False, verbose_name='all answers alike'),
        ),
        migrations.RunPython(read_responses, migrations.RunPython.noop),
        migrations.RunPython(complete_results, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agreement', None), ('agreement_word', ''), ('band_high', None), ('band_low', None), ('below_specification', False), ('closed_at', None), ('confidence', ''), ('coverage', None), ('customer_level', None), ('customer_position', None), ('former_rule', False), ('gap', None), ('respondents', None), ('state', 'open'), ('team_level', None), ('team_position', None), ('told', 0), ('unheard', None)), models.Q(('closed_at__isnull', False), ('respondents__isnull', False), ('state', 'closed'), models.Q(('confidence', ''), _negated=True), models.Q(('customer_level__isnull', False), ('team_level__isnull', False), _connector='OR')), _connector='OR'), name='assessment_result_exactly_when_closed'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('customer_level', None), ('customer_position', None)), models.Q(('customer_level__isnull', False), ('customer_level__range', (1, 5)), ('customer_position__isnull', False), ('customer_position__range', (0, 5))), models.Q(('customer_position', None), ('visibility', 'confidential'), ('customer_level__isnull', False), ('customer_level__range', (1, 5))), _connector='OR'), models.Q(models.Q(('team_level', None), ('team_position', None)), models.Q(('team_level__isnull', False), ('team_level__range', (1, 5)), ('team_position__isnull', False), ('team_position__range', (0, 5))), _connector='OR')), name='assessment_levels_in_range'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('visibility', 'confidential'), _negated=True), models.Q(('agreement', None), ('below_specification', False), ('customer_position', None)), _connector='OR'), name='assessment_no_decimals_in_confidence', violation_error_message='The result of a confidential assessment has no position and no figure of agreement.'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('agreement_word__in', ['', 'split', 'mixed', 'shared']), models.Q(('agreement', None), models.Q(('agreement__isnull', False), ('agreement__range', (0, 1)), models.Q(('agreement_word', ''), _negated=True)), _connector='OR')), name='assessment_agreement_has_its_word'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('coverage', None), models.Q(('coverage__isnull', False), ('coverage__range', (0, 1))), _connector='OR'), name='assessment_coverage_0_to_1'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('band_high', None), ('band_low', None)), models.Q(('band_low__isnull', False), ('band_low__range', (1, 5)), ('band_high__isnull', False), ('band_high__range', (1, 5)), ('customer_level__gte', models.F('band_low')), ('customer_level__isnull', False), ('customer_level__lte', models.F('band_high'))), _connector='OR'), name='assessment_level_within_its_band'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('told', 0), models.Q(('respondents__isnull', False), ('told__lte', models.F('respondents'))), _connector='OR'), name='assessment_told_among_respondents'),
        ),
        migrations.AddConstraint(
            model_name='response',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('contact__isnull', False), ('origin__in', ['link', 'told']), ('side', 'customer')), models.Q(('origin', 'own'), ('side', 'team'), ('user__isnull', False)), ('origin', 'api'), _connector='OR'), name='response_origin_of_its_side'),
        ),
        migrations.AddConstraint(
            model_name='response',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('known_levels', None), ('level', None)), models.Q(('known_levels__isnull', False), ('known_levels__lte', models.F('level')), ('known_levels__range', (0, 5)), ('level__isnull', False)), _connector='OR'), name='response_known_levels_with_its_level'),
        ),
        migrations.AddConstraint(
            model_name='response',
            constraint=models.CheckConstraint(condition=models.Q(('fixed_at', None), models.Q(('side', 'team'), ('submitted_at__isnull', False)), _connector='OR'), name='response_fixed_is_a_submitted_view'),
        ),
        migrations.AddConstraint(
            model_name='response',
            constraint=models.CheckConstraint(condition=models.Q(('hasty', True), ('origin', 'api'), _negated=True), name='response_of_api_has_no_pace'),
        ),
        migrations.AddField(
            model_name='correction',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='correction',
            name='response',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to='assessments.response'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('level', None), ('position', None)), models.Q(('level__isnull', False), ('level__range', (1, 5)), ('position__isnull', False), ('position__range', (0, 5))), _connector='OR'), name='correction_level_in_range'),
        ),
    ]
